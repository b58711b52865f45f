"""What must hold in the register, each proved from its rows: see `self_check`."""
