"""The engine on an OpenSearch cluster: the same plans, the same meaning of a text, on many machines."""
