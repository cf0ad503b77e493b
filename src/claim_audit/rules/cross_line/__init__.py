"""Do the items of one member belong together?"""
