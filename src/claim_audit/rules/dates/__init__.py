"""Are the dates possible, in order, and inside the payer's limits?"""
