"""Two models' forecasts of the same windows, whoever made them -> what the gate can judge by. Pure."""
