"""Work handed to processes of this machine or of others by Dask; whatever the work is."""
