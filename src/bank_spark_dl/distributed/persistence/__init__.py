"""Save and load by Spark ML's readers and writers, without pickle."""
