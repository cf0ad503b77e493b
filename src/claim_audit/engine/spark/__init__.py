"""The same audit on Apache Spark: Spark gives machines, shuffle and retries, and nothing else.

Files are read by the project's own ingest and lines judged by the unchanged kernel, both inside
Spark tasks; only interfaces that Spark Connect has too are used. What tasks hand on to one another
lies in a work folder that every machine sees.
"""
