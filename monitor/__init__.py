"""The desk itself: the queue, its clock, and everything between the channels and the screen."""
