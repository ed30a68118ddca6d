"""The console command. What needs torch or prefect is imported inside the command that needs it."""
