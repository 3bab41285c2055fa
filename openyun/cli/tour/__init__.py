"""The guided tour: what a newcomer would do, done with the official SDKs."""
