"""The desk itself, without a platform and without a screen."""
