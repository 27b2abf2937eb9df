"""The synchronous client of the two services, by gRPC. Import it as `from assaycache import Client`."""
