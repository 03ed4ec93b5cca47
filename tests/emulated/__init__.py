"""A machine in QEMU with a kernel of Debian's: real input devices and real USB, pulled out and plugged in."""
