"""What the queue screen does, one job a module: reading, finding, acting, writing."""
