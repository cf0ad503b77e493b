"""Is more used over time than pump therapy explains?"""
