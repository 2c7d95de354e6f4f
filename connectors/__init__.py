"""One file or folder for each channel that customers write on."""
