"""MaxCompute's REST and Tunnel protocols."""
