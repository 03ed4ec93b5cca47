"""Run by the system's Python, which has picamera2, with WIDTH HEIGHT. Writes pictures until its input closes."""

import sys
import threading


def main(width: int, height: int) -> None:
    """Write picture after picture to standard output."""
    from picamera2 import Picamera2

    camera = Picamera2()
    # "RGB888" is picamera2's name for blue, green, red in memory, as OpenCV has it.
    camera.configure(camera.create_video_configuration({"size": (width, height), "format": "RGB888"}, buffer_count=2))
    camera.start()
    ending = threading.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        ending.set()

    threading.Thread(target=watch, daemon=True).start()
    try:
        while not ending.is_set():
            sys.stdout.buffer.write(camera.capture_array("main")[:height, :width].tobytes())
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass
    finally:
        camera.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
