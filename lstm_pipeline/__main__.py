"""`python -m lstm_pipeline`."""

from lstm_pipeline.cli.main import main

if __name__ == "__main__":
    main()
