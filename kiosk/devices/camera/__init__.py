"""The camera as a scanner. A picture goes through locate.py and decode.py, what was read in it through agree.py; the
pictures come from pictures.py, and source.py has the thread. OpenCV is imported only once the camera is opened.
"""
