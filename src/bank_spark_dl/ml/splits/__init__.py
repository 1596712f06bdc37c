"""Hold rows out: at random, the newest ones, or whole groups."""
