# Accounts with rules, exceptions of their own, a transaction log and rollback.
class BankError(Exception):
    """The base of everything a bank refuses."""


class InsufficientFunds(BankError):
    def __init__(self, account, amount):
        super().__init__(f"{account.owner} has {account.balance}, needs {amount}")
        self.missing = amount - account.balance


class UnknownAccount(BankError, LookupError):
    pass


class Account:
    count = 0

    def __init__(self, owner, balance=0):
        Account.count += 1
        self.number, self.owner, self._balance = Account.count, owner, balance

    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f"cannot deposit {amount}")
        self._balance += amount

    def withdraw(self, amount):
        if amount > self._balance:
            raise InsufficientFunds(self, amount)
        self._balance -= amount

    def __repr__(self):
        return f"{type(self).__name__}({self.owner}: {self._balance})"


class Savings(Account):
    def __init__(self, owner, balance=0, *, percent):
        super().__init__(owner, balance)
        self.percent = percent

    def pay_interest(self):
        self.deposit(self.balance * self.percent // 100)

    def withdraw(self, amount):
        if amount > 500:
            raise BankError("savings give at most 500 at a time")
        super().withdraw(amount)


class Transaction:
    def __init__(self, *accounts):
        self.accounts = accounts

    def __enter__(self):
        self.saved = [(a, a._balance) for a in self.accounts]
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            for account, balance in self.saved:
                account._balance = balance
            print("  rolled back:", error)
        return isinstance(error, BankError)


class Bank:
    def __init__(self):
        self.accounts = {}

    def open(self, account):
        self.accounts[account.owner] = account
        return account

    def __getitem__(self, owner):
        try:
            return self.accounts[owner]
        except KeyError as error:
            raise UnknownAccount(f"no account of {owner}") from error

    def transfer(self, source, target, amount):
        with Transaction(self[source], self[target]):
            self[target].deposit(amount)
            self[source].withdraw(amount)
            print(f"  moved {amount} from {source} to {target}")
        print(self.accounts)


bank = Bank()
bank.open(Account("ann", 100))
bank.open(Savings("ben", 2000, percent=5))
bank.transfer("ann", "ben", 60)
bank.transfer("ann", "ben", 60)
bank.transfer("ben", "ann", 501)
bank["ben"].pay_interest()
print(bank["ben"], bank["ben"].number, Account.count)
for action in (lambda: bank.transfer("ann", "cy", 1), lambda: bank.transfer("ann", "ben", -5)):
    try:
        action()
    except LookupError as e:
        print(type(e).__name__, e, "from", repr(e.__cause__))
    except ValueError as e:
        print("ValueError", e, bank.accounts)
try:
    bank["ann"].withdraw(1000)
except InsufficientFunds as e:
    print(e, e.missing, isinstance(e, BankError))
try:
    bank["ann"].balance = 5
except AttributeError as e:
    print(e)
