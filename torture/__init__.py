"""What is promised of runs, tried by force: kills, damage, full disks, crowds, hostile files."""
