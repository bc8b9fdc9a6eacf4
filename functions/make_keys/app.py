"""Custom resource: make the key pair that signs guests' tokens, once, and give the stack its public half.

With the property Kind `hashing` it is a random secret instead, of which the stack sees nothing.

Nothing rotates it: an update of the stack finds the key that is there. It stays when the stack is deleted, unless the
resource's property DeleteKey is true.
"""

from attune.edge import custom_resource

lambda_handler = custom_resource.handler()
