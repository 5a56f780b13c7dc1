"""A garden of caterpillars."""
