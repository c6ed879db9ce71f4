"""WHAT we talk about: the words of the Stampede model, as pure values.

======================  =====================================================================================
task                    an abstract job of the workflow description (DAX, abstract workflow)
job                     a node of the executable workflow (a DAGMan node)
job instance            one try of a job
invocation              what one try ran: main 1..n, pre script -1, post script -2
host                    where an invocation ran
workflow                one DAG, root or sub
jobstate                one entry of a job instance's history
======================  =====================================================================================
"""
