"""Messages for people: tables of results, and one sentence for each mistake or failure."""
