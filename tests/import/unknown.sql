insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (1,'A path at the end C:\temp\','<p>x</p>','A','path');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (2,'A defect stays: \${KEY}','<p>x</p>','A','defect');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (3,'it''s','<a href=\"x\">y</a>\r\n','A','escapes');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (4,'Two statements in one line','<p>x</p>','A','one'); insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (5,'The second','<p>x</p>','A','two');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (6.00,'Decimals','<p>x</p>','?','decimal'), (12345678901,'Too large an id','<p>x</p>','A','large');
insert into modelosemails (titulo,texto) values ('Too few'), ('Too','many','values'), ('Just','right');
insert into modelosemails (titulo,texto) values ('NotÃ­cia de solicitaÃ§Ã£o','mojibake stays');
insert into modelosemails (titulo,texto) values ('An expression', 'a' * 2), ('After it', 'x');
