"""Fifty-two retrainings on real data: trained and scored once, then replayed under any rule of promotion."""
