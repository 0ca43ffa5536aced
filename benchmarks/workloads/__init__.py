"""What is measured: one small program per row, each with its derivative written by hand."""

from workloads.chains import CHAIN, FAN
from workloads.directional import CHAIN_JVP, FOURTH, RNN_JVP
from workloads.elementwise import ELEMENTWISE
from workloads.index_sum import INDEX_SUM
from workloads.logistic import LOGISTIC
from workloads.matrices import HESSIANS, HVP, JACOBIAN
from workloads.memory import ADD_MEMORY, TANH_MEMORY
from workloads.mlp import MLP
from workloads.optimizers import ADAM_STEPS
from workloads.rnn import RNN
from workloads.taylor import TAYLOR
from workloads.workload import Workload

GRADIENTS = (CHAIN, FAN, TAYLOR, LOGISTIC, MLP, RNN, ELEMENTWISE, INDEX_SUM)
OTHERS = (JACOBIAN, *HESSIANS, HVP, CHAIN_JVP, RNN_JVP, FOURTH, *ADAM_STEPS)
TIMED = (*GRADIENTS, *OTHERS)
MEMORY = (ADD_MEMORY, TANH_MEMORY)

__all__ = ["MEMORY", "TIMED", "Workload"]
