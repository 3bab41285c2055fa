"""What the official Terraform provider does for a resource, call by call, as its sources say.

Create, wait, read; read again, as a plan does; change; delete, and see that it is gone. A field that the provider reads
and does not find would make a plan that is never empty, so each is looked for.
"""
