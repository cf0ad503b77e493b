"""Was the item delivered where the payer takes it?"""
