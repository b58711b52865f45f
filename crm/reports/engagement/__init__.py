"""What companies took part in and got, as dated lines; summary and dossier are made of them."""
