class C(Base):
    "doc"
    def m(self):
        return super().m()
