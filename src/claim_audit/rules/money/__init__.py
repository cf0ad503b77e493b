"""Do the amounts of a line agree with each other and with the caps?"""
