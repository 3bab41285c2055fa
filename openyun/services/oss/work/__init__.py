"""What OSS does on its own time: aging, replication, inventories, logs, sweeping."""
