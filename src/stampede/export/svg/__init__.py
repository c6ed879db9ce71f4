"""A small writer of SVG: elements, axes, legends, and a palette that everybody can tell apart.

Everything that is written is plain SVG 1.1 with a style sheet of plain colours (no variables), so that browsers, word
processors and converters draw the same; browsers that prefer dark get dark colours.
"""
