"""The formulas that order articles; both engines use them."""
