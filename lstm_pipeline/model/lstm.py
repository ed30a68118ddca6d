"""The tutorial's network: an LSTM whose last hidden state decodes every step of the horizon."""

from __future__ import annotations

from torch import Tensor, nn

from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.config import ModelConfig, WindowNorm
from lstm_pipeline.model.normalise import WindowScale, window_scale
from lstm_pipeline.windows.config import WindowSize


class LastStateLSTM(nn.Module):
    """Normalise the window, run the LSTM over it, decode the last state, denormalise.

    Decoding from the last state lets the newest value move every step of the forecast.
    """

    def __init__(self, config: ModelConfig, size: WindowSize) -> None:
        super().__init__()
        self.norm: WindowNorm = config.window_norm
        self.lstm = nn.LSTM(
            input_size=1,
            hidden_size=config.hidden_size,
            num_layers=config.num_layers,
            # between layers only: torch warns where there is nothing in between
            dropout=config.dropout if config.num_layers > 1 else 0.0,
            batch_first=True,
        )
        self.head = nn.Linear(config.hidden_size, size.horizon)

    def forward(self, batch: Batch) -> Tensor:
        """Forecast each window, in the units of its context: (B, H)."""
        scale = self.scale(batch)
        _, (hidden, _) = self.lstm(self.inputs(batch, scale))
        # decoding step k from k steps back, as is usual, doubles the error of an AR(1) at step 1 and more
        return scale.denormalise(self.head(hidden[-1]))

    def scale(self, batch: Batch) -> WindowScale:
        """Where each window lies and how far it moves."""
        return window_scale(self.norm, batch.context, batch.observed)

    def inputs(self, batch: Batch, scale: WindowScale) -> Tensor:
        """What the LSTM reads at each step: (B, L, 1)."""
        return scale.normalise(batch.context).unsqueeze(-1)
