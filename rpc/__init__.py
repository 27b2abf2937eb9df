"""What both gRPC servers, their callers and the gateway share: errors, statuses, servers, channels, logs."""
