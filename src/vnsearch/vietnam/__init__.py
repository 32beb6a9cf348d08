"""What is known of the country: its provinces, and how its dates are written."""
