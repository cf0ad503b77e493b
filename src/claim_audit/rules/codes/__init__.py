"""Is the HCPCS code known, in force, accepted, and not part of another?"""
