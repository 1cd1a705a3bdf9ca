"""What things are: records, money, findings, codes. Nothing here reads or decides."""
