"""What the suites share: tools, emulators, the deployed stack, and how results are counted."""
