"""The pictures and the sliders, a module per lab; data in, Axes out.

Import a lab's module under the name `plots`: `from logitlab.plots import softmax as plots`.
`style`, `plane` and `interactive` hold what the labs share.
"""
