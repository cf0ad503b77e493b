"""Are the numbers of people, suppliers and drugs well-formed?"""
