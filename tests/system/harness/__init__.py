"""What the system tests are written in: the real server, clients and feeds as a user would have them."""
