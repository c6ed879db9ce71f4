"""The data behind pictures of a run, in the detail that a picture of a given width can show.

One reading of the tries (``tries``) feeds all pictures that are wanted (``album``). What is summed goes into bins of
time (``bins``), so that memory follows the width of the picture and not the number of jobs; single bars are kept as
long as there are few enough of them to be told apart.

===============  ===============================================================================================
``gantt``        tries with their phases, or lanes of how many waited and ran at once
``hosts``        which machine ran what and where it had nothing to do
``states``       how many jobs were in which state, over time
``breakdown``    tries and time of each transformation
``failures``     failed tries over time, by host, by transformation, by how they ended
``runtimes``     distribution of run times of each transformation
===============  ===============================================================================================
"""
