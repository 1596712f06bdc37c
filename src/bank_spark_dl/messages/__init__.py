"""What is said to people: tables, and one sentence for each mistake or failure."""
