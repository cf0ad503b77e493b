"""Are the modifiers known, in force, complete and free of contradiction?"""
