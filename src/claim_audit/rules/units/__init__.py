"""Do the billed units fit the code's unit of measure and the days supplied?"""
