"""The tutorial as a plain script: sine, windows of 50, two-layer LSTM, five epochs, a picture. The yardstick."""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

mpl.use("Agg")
import matplotlib.pyplot as plt

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
BATCH = int(sys.argv[2]) if len(sys.argv) > 2 else 64

torch.set_num_threads(1)
torch.manual_seed(0)


class Forecaster(nn.Module):
    """Two LSTM layers of 50 and a linear head on the last state."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 50, num_layers=2, batch_first=True)
        self.head = nn.Linear(50, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 50, 1) -> (B, 1)."""
        states, _ = self.lstm(x)
        return self.head(states[:, -1])


y = np.sin(np.linspace(0, 1000, 1000)).astype(np.float32)
x = torch.tensor(np.array([y[i : i + 50] for i in range(950)]))[..., None]
target = torch.tensor(y[50:])[:, None]
order = np.random.RandomState(42).permutation(950)
train, test = order[190:], order[:190]

model = Forecaster()
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
loader = DataLoader(TensorDataset(x[train], target[train]), batch_size=BATCH, shuffle=True)
for _ in range(EPOCHS):
    for inputs, wanted in loader:
        loss = nn.functional.mse_loss(model(inputs), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
with torch.no_grad():
    predicted = model(x[test])
print(f"test MSE {nn.functional.mse_loss(predicted, target[test]).item():.6f}")
plt.figure(figsize=(10, 4))
plt.plot(target[test].numpy(), label="actual")
plt.plot(predicted.numpy(), label="predicted")
plt.legend()
plt.savefig("/dev/null", format="png")
