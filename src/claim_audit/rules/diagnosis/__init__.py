"""Is there a diagnosis, well-formed, that supports pump therapy?"""
