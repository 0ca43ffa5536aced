"""What is measured: one small program per row, each with its gradient written by hand."""

from workloads.chains import CHAIN, FAN
from workloads.elementwise import ELEMENTWISE
from workloads.index_sum import INDEX_SUM
from workloads.logistic import LOGISTIC
from workloads.memory import ADD_MEMORY, TANH_MEMORY
from workloads.mlp import MLP
from workloads.rnn import RNN
from workloads.taylor import TAYLOR
from workloads.workload import Workload

TIMED = (CHAIN, FAN, TAYLOR, LOGISTIC, MLP, RNN, ELEMENTWISE, INDEX_SUM)
MEMORY = (ADD_MEMORY, TANH_MEMORY)

__all__ = ["MEMORY", "TIMED", "Workload"]
